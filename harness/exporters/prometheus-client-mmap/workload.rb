# What a Ruby worker program does by counterfoil's adapter protocol, version 1 (../PROTOCOL.md): it constructs the program's
# metrics with prometheus-client-mmap, executes the ops of tasks, and acknowledges them.

require 'json'
require 'prometheus/client'

# A `fail` op was reached.
class TaskFailed < StandardError
end

# The task holds an op that this worker does not know or cannot read; nothing of it was executed.
class TaskRefused < StandardError
end

# The program document's metrics, in one worker process.
class Workload
  # Op: the types of metric it is for, and the client's method.
  ON_METRIC = {
    'inc' => [%w[counter], :increment],
    'add' => [%w[gauge], :increment],
    'set' => [%w[gauge], :set],
    'observe' => [%w[histogram summary], :observe]
  }.freeze
  NOT_IN_JSON = { 'NaN' => Float::NAN, '+Inf' => Float::INFINITY, '-Inf' => -Float::INFINITY }.freeze
  # The client has five modes for the protocol's eight. It knows of no dead processes, so that a live mode and its base are
  # one; and what it calls livesum adds up the files of all.
  MODES = {
    'all' => :all, 'liveall' => :liveall, 'min' => :min, 'livemin' => :min,
    'max' => :max, 'livemax' => :max, 'sum' => :livesum, 'livesum' => :livesum
  }.freeze

  def initialize
    program = JSON.parse(File.read(ENV.fetch('COUNTERFOIL_PROGRAM'), encoding: 'UTF-8'))
    abort "program of protocol #{program['protocol']}, this worker speaks 1" unless program['protocol'] == 1
    @registry = Prometheus::Client.registry
    @declared = program['metrics'].to_h { |declared| [declared['name'], declared] }
    @metrics = @declared.transform_values { |declared| construct(declared) }
    @acks = File.open(ENV.fetch('COUNTERFOIL_ACKS'), File::WRONLY | File::APPEND | File::CREAT, 0o644)
  end

  # Executes a task document and acknowledges it; raises what it came to, unless that is `ok`.
  def run(task)
    steps_of(task).each(&:call)
    acknowledge(task, 'ok')
  rescue TaskFailed
    acknowledge(task, 'failed')
    raise
  end

  private

  # The client's metric of a declaration. The name of a counter is that of its samples; help is not stored (R4), but asked for.
  def construct(declared)
    name, help = declared['name'].to_sym, declared['help']
    help = 'Without help.' if help.empty?
    case declared['type']
    when 'counter' then @registry.counter(:"#{name}_total", help)
    when 'gauge' then @registry.gauge(name, help, {}, MODES.fetch(declared['mode']))
    when 'histogram' then @registry.histogram(name, help, {}, declared['buckets'])
    when 'summary' then @registry.summary(name, help)
    else abort "metric #{name} is of the unknown type #{declared['type']}"
    end
  end

  # What executes the task's ops. Touches no metric yet: a refused task leaves no series.
  def steps_of(task)
    task[:ops].map { |op| step(op) }
  rescue TaskRefused => e
    acknowledge(task, 'refused', reason: e.message)
    raise
  end

  def step(op)
    case op
    in { op: 'sleep', ms: Numeric => ms, **nil } if ms >= 0
      # Sleeps, bounded by the task: the wait is the op.
      -> { sleep(ms / 1000.0) }
    in { op: 'fail', **nil }
      -> { raise TaskFailed, 'a fail op was reached' }
    in { op: 'exit', code: Integer => code, **nil } if code.between?(0, 255)
      -> { exit!(code) }
    in { op: 'inc' | 'add' | 'set' | 'observe' => kind, metric: String => name, labels: Hash => labels, value:, **nil }
      change(op, kind, name, labels, number(value, op))
    else
      raise TaskRefused, "unknown or malformed op: #{op}"
    end
  end

  def change(op, kind, name, labels, amount)
    types, method = ON_METRIC.fetch(kind)
    declared = @declared[name]
    unless declared && types.include?(declared['type'])
      raise TaskRefused, "no #{types.join(' or ')} of that name: #{op}"
    end
    names = declared['labels'].map(&:to_sym)
    unless labels.keys.sort == names.sort && labels.values.all?(String)
      raise TaskRefused, "the labels should be #{names}, each a string: #{op}"
    end
    raise TaskRefused, "a counter cannot go down: #{op}" if kind == 'inc' && !(amount >= 0)

    metric = @metrics.fetch(name)
    -> { metric.public_send(method, labels, amount) }
  end

  # The float that a JSON number, or one of the three strings, stands for.
  def number(value, op)
    return value.to_f if value.is_a?(Numeric)

    NOT_IN_JSON.fetch(value) { raise TaskRefused, "not a number: #{value.inspect} in #{op}" }
  end

  # One line, one write: lines of several processes do not mix.
  def acknowledge(task, outcome, **more)
    line = "#{JSON.generate(task: task[:id], pid: Process.pid, outcome: outcome, **more)}\n"
    return if @acks.syswrite(line) == line.bytesize

    raise IOError, "the acknowledgement of #{task[:id]} was cut short"
  end
end
