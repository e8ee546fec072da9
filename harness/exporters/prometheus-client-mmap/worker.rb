# A worker: takes tasks from a list on Redis and executes them, one after the other, until it is asked to end.

require 'json'
require 'redis'

require_relative 'workload'

# Runs until SIGTERM, or until the process that started it is gone.
def work(supervisor)
  asked_to_end = false
  Signal.trap('TERM') { asked_to_end = true }
  Signal.trap('INT', 'IGNORE')
  workload = Workload.new
  queue = Redis.new(url: ENV.fetch('BROKER_URL'), timeout: 5)
  until asked_to_end || Process.ppid != supervisor
    task = take(queue)
    execute(workload, task) if task
  end
end

# The next task, if one comes within half a second: a worker that is asked to end does. A connection that is lost is made anew
# with the next question, for as long as that takes.
def take(queue)
  queue.brpop(ENV.fetch('QUEUE'), timeout: 0.5)&.last
rescue Redis::BaseError => e
  warn "no task: #{e.class}: #{e.message}"
  # Sleeps, bounded by the constant, between two attempts.
  sleep(0.1)
  nil
end

def execute(workload, task)
  workload.run(JSON.parse(task, symbolize_names: true))
rescue TaskFailed, TaskRefused
  # It is acknowledged, and the worker goes on.
end
