# prometheus-client-mmap: a series whose file cannot be made when it is first used is lost for as long as the process lives.
#
#     apt-get install ruby ruby-prometheus-client-mmap
#     ruby mmap_no_file.rb
#
# Here the directory is missing for a moment; a full or read-only disk is the same.

require 'tmpdir'

Dir.mktmpdir do |above|
  dir = ENV['prometheus_multiproc_dir'] = File.join(above, 'metrics')
  require 'prometheus/client'
  require 'prometheus/client/formats/text'
  require 'prometheus/client/version'

  puts "prometheus-client-mmap #{Prometheus::Client::VERSION}"
  Prometheus::Client.configuration.logger = Logger.new(nil)
  jobs = Prometheus::Client.registry.counter(:jobs_total, 'Jobs done.')
  jobs.increment({ queue: 'mail' })
  Dir.mkdir(dir)
  100.times { jobs.increment({ queue: 'mail' }) }
  jobs.increment({ queue: 'report' })
  puts "this process counts #{jobs.get({ queue: 'mail' })} of mail, and serves:"
  puts Prometheus::Client::Formats::Text.marshal_multiprocess
end
