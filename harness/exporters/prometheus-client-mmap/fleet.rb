# prometheus-client-mmap as GitLab runs it: a supervisor, workers that it forks and replaces, and a process that serves. The
# workers' side of counterfoil's adapter protocol is workload.rb.
#
#     fleet.rb VERSION WORKERS HOST PORT

version, workers, host, port = ARGV
gem 'prometheus-client-mmap', version

require 'prometheus/client'

require_relative 'endpoint'
require_relative 'worker'

# Children of this process, by pid, each with what it was forked to do.
class Fleet
  def initialize
    @supervisor = Process.pid
    @children = {}
    @ending = false
    %w[TERM INT].each { |signal| Signal.trap(signal) { finish } }
  end

  # Forks the children, replaces those that die, and returns when all that was asked to end has.
  def run(workers, endpoint)
    (Array.new(workers) { :worker } << :endpoint).each { |role| start(role, endpoint) }
    until @children.empty?
      role = @children.delete(Process.wait)
      start(role, endpoint) if role && !@ending
      ask_to_end(:endpoint) if @ending && !@children.value?(:worker)
    end
  end

  private

  def start(role, endpoint)
    pid = fork do
      role == :worker ? work(@supervisor) : endpoint.serve(@supervisor)
      exit!(0)
    end
    @children[pid] = role
    ask_to_end(role) if @ending
  end

  # The endpoint ends when the last worker has.
  def finish
    exit!(1) unless Process.pid == @supervisor # A child that was just forked, and has not begun.
    @ending = true
    ask_to_end(:worker)
  end

  def ask_to_end(role)
    @children.each do |pid, of|
      Process.kill('TERM', pid) if of == role
    rescue Errno::ESRCH
      # It has ended by itself a moment ago.
    end
  end
end

# Files of an earlier run do not count: so has GitLab it.
Prometheus::Client.cleanup!
Fleet.new.run(Integer(workers), Endpoint.new(host, Integer(port)))
