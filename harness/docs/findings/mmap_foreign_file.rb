# prometheus-client-mmap: one file that is no metric file, and nobody's metrics are served.
#
#     apt-get install ruby ruby-prometheus-client-mmap
#     ruby mmap_foreign_file.rb

require 'tmpdir'

Dir.mktmpdir do |dir|
  ENV['prometheus_multiproc_dir'] = dir
  require 'prometheus/client'
  require 'prometheus/client/formats/text'
  require 'prometheus/client/version'

  puts "prometheus-client-mmap #{Prometheus::Client::VERSION}"
  Prometheus::Client.registry.counter(:jobs_total, 'Jobs done.').increment
  foreign = { 'cut off' => [64, 0].pack('l<l<'), 'of another program' => "SQLite format 3\0" * 256, 'a folder' => nil }
  foreign.each do |what, content|
    path = File.join(dir, 'counter_foreign-0.db')
    content ? File.binwrite(path, content) : Dir.mkdir(path)
    begin
      lines = Prometheus::Client::Formats::Text.marshal_multiprocess.lines.length
      puts "a file beside it, #{what}: #{lines} lines are served"
    rescue StandardError => error
      puts "a file beside it, #{what}: #{error.class}: #{error.message.sub(dir, '…')}"
    end
    content ? File.delete(path) : Dir.rmdir(path)
  end
end
