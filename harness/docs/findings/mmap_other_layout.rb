# prometheus-client-mmap: a key of another client's layout is not refused, and what is served of it is nobody's.
#
#     apt-get install ruby ruby-prometheus-client-mmap
#     ruby mmap_other_layout.rb

require 'json'
require 'tmpdir'

Dir.mktmpdir do |dir|
  ENV['prometheus_multiproc_dir'] = dir
  require 'prometheus/client'
  require 'prometheus/client/formats/text'
  require 'prometheus/client/version'

  puts "prometheus-client-mmap #{Prometheus::Client::VERSION}"
  # A key as prometheus_client 0.17 for Python writes it: family, sample, labels as an object, help.
  key = JSON.generate(['jobs', 'jobs_total', { queue: 'mail' }, 'Jobs done.'])
  padding = ' ' * (8 - (key.length + 4) % 8)
  entry = [key.length].pack('l<') + key + padding + [3.0].pack('E')
  used = 8 + entry.length
  content = [used, 0].pack('l<l<') + entry
  File.binwrite(File.join(dir, 'counter_41-0.db'), content.ljust(4096, "\0"))
  puts "the file's entry: #{key} 3.0"
  begin
    puts Prometheus::Client::Formats::Text.marshal_multiprocess
  rescue StandardError => error
    puts "#{error.class}: #{error.message}"
  end
end
