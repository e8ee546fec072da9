# prometheus-client-mmap: a tab in a label's value is served as \t, which is no escape of the text format.
#
#     apt-get install ruby ruby-prometheus-client-mmap
#     ruby mmap_label_escapes.rb

require 'tmpdir'

Dir.mktmpdir do |dir|
  ENV['prometheus_multiproc_dir'] = dir
  require 'prometheus/client'
  require 'prometheus/client/formats/text'
  require 'prometheus/client/version'

  puts "prometheus-client-mmap #{Prometheus::Client::VERSION}"
  errors = Prometheus::Client.registry.counter(:errors_total, 'Errors, by message.')
  errors.increment({ message: "a\tb\u0001c" })
  puts Prometheus::Client::Formats::Text.marshal_multiprocess
end
