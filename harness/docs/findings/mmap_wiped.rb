# prometheus-client-mmap: what a process counts after its files were removed is served by nobody, for as long as it lives.
#
#     apt-get install ruby ruby-prometheus-client-mmap
#     ruby mmap_wiped.rb

require 'tmpdir'

Dir.mktmpdir do |dir|
  ENV['prometheus_multiproc_dir'] = dir
  require 'prometheus/client'
  require 'prometheus/client/formats/text'
  require 'prometheus/client/version'

  puts "prometheus-client-mmap #{Prometheus::Client::VERSION}"
  jobs = Prometheus::Client.registry.counter(:jobs_total, 'Jobs done.')
  3.times { jobs.increment }
  puts "counted 3, served: #{Prometheus::Client::Formats::Text.marshal_multiprocess.inspect}"
  File.delete(*Dir.glob(File.join(dir, '*.db')))
  4.times { jobs.increment }
  puts "files removed, 4 more counted, served: #{Prometheus::Client::Formats::Text.marshal_multiprocess.inspect}"
end
