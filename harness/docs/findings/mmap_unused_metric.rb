# prometheus-client-mmap: a counter without labels is not served before it first counts, where its 0 says that it is there.
#
#     apt-get install ruby ruby-prometheus-client-mmap
#     ruby mmap_unused_metric.rb

require 'tmpdir'

Dir.mktmpdir do |dir|
  ENV['prometheus_multiproc_dir'] = dir
  require 'prometheus/client'
  require 'prometheus/client/formats/text'
  require 'prometheus/client/version'

  puts "prometheus-client-mmap #{Prometheus::Client::VERSION}"
  jobs = Prometheus::Client.registry.counter(:jobs_total, 'Jobs done.')
  puts "made, served: #{Prometheus::Client::Formats::Text.marshal_multiprocess.inspect}"
  jobs.increment
  puts "counted 1, served: #{Prometheus::Client::Formats::Text.marshal_multiprocess.inspect}"
end
