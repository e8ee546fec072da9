# prometheus-client-mmap: the buckets of a histogram are served sorted as text, +Inf before all others.
#
#     apt-get install ruby ruby-prometheus-client-mmap
#     ruby mmap_bucket_order.rb

require 'tmpdir'

Dir.mktmpdir do |dir|
  ENV['prometheus_multiproc_dir'] = dir
  require 'prometheus/client'
  require 'prometheus/client/formats/text'
  require 'prometheus/client/version'

  puts "prometheus-client-mmap #{Prometheus::Client::VERSION}"
  wait = Prometheus::Client.registry.histogram(:wait_seconds, 'Time in the queue.', {}, [1.0, 2.5, 10.0])
  wait.observe({}, 2.0)
  puts Prometheus::Client::Formats::Text.marshal_multiprocess
end
