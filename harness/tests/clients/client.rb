# The real prometheus-client-mmap, for as long as its standard input is open: a request a line, an answer a line.
#
#   record  {dir, processes: [{id, outlives, uses: [{family, ops}]}]}: what these processes do, in files below dir
#   merge   {dir}: the client's text for the files
#
# Floats travel as the integers of their bits. Every process is one: forked here, with the identifier of the program
# as what the client's pid provider says. One that outlives the next keeps its files locked.

require 'json'
require 'logger'
require 'prometheus/client'
require 'prometheus/client/formats/text'

Prometheus::Client.configuration.logger = Logger.new(nil)

def double(bits)
  [bits].pack('Q').unpack1('D')
end

class Recorder
  def initialize
    @registry = Prometheus::Client::Registry.new
    @known = {}
  end

  def use(use)
    metric = metric(use['family'])
    use['ops'].each { |op| operate(metric, use['family'], op) }
  end

  def metric(family)
    @known[family] ||= begin
      name = family['name'].to_sym
      case family['kind']
      when 'counter' then Prometheus::Client::Counter.new(name, family['help'])
      when 'gauge' then Prometheus::Client::Gauge.new(name, family['help'], {}, family['mode'].to_sym)
      when 'summary' then Prometheus::Client::Summary.new(name, family['help'])
      else
        Prometheus::Client::Histogram.new(name, family['help'], {}, family['buckets'].map { |bound| double(bound) })
      end
    end
  end

  def operate(metric, family, op)
    labels = family['labels'].map(&:to_sym).zip(op['labels']).to_h
    op['act'].each do |act, value|
      case act
      when 'touch' then metric.get(labels)
      when 'inc' then metric.increment(labels, double(value))
      when 'set' then metric.set(labels, double(value))
      when 'observe' then metric.observe(labels, double(value))
      end
    end
  end
end

# Runs a process of the program, and returns its pid once it has done everything.
def start(dir, process, gate)
  done, tell = IO.pipe
  pid = fork do
    done.close
    gate.last.close
    status = begin
      Prometheus::Client.configuration.multiprocess_files_dir = dir
      Prometheus::Client.configuration.pid_provider = -> { process['id'] }
      recorder = Recorder.new
      process['uses'].each { |use| recorder.use(use) }
      'ok'
    rescue StandardError => e
      "#{e.class}: #{e.message}"
    end
    tell.write(status)
    tell.close
    gate.first.read if process['outlives']
    exit!(0)
  end
  tell.close
  status = done.read
  done.close
  raise status unless status == 'ok'

  Process.wait(pid) unless process['outlives']
  pid
end

def record(request)
  gate = IO.pipe
  running = []
  request['processes'].each do |process|
    pid = start(request['dir'], process, gate)
    running << pid if process['outlives']
  end
  {}
ensure
  gate.each(&:close)
  running.each { |pid| Process.wait(pid) }
end

def merge(request)
  { text: Prometheus::Client::Formats::Text.marshal_multiprocess(request['dir']).force_encoding('UTF-8').scrub }
rescue StandardError => e
  { error: "#{e.class}: #{e.message.dup.force_encoding('UTF-8').scrub[0, 300]}" }
end

$stdin.each_line do |line|
  request = JSON.parse(line)
  answer = begin
    request['do'] == 'record' ? record(request) : merge(request)
  rescue StandardError => e
    { failed: "#{e.class}: #{e.message}" }
  end
  $stdout.write(JSON.generate(answer) + "\n")
  $stdout.flush
end
