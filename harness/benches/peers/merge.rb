# Merges a directory to text: DIR. Speaks the protocol of rounds.py.

require 'prometheus/client'
require 'prometheus/client/formats/text'

directory = ARGV.fetch(0)
$stdout.sync = true
puts 'ready'
while (line = $stdin.gets)
  abort "#{line.inspect} is no request" unless line.strip == 'go'
  began = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
  Prometheus::Client::Formats::Text.marshal_multiprocess(directory)
  puts Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) - began
end
