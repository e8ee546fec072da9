# The process that serves, as the client's README has it: its Rack middleware, under Rack's handler for WEBrick.

require 'prometheus/client/rack/exporter'
require 'rack'
require 'rack/handler/webrick'

class Endpoint
  def initialize(host, port)
    log = WEBrick::Log.new($stderr, WEBrick::BasicLog::WARN)
    @options = { BindAddress: host, Port: port, Logger: log, AccessLog: [], DoNotReverseLookup: true }
  end

  # Serves until SIGTERM, or until the process that started it is gone.
  def serve(supervisor)
    app = Rack::Builder.app do
      use Rack::Deflater, if: ->(_, _, _, body) { body.any? && body[0].length > 512 }
      use Prometheus::Client::Rack::Exporter
      run ->(_) { [404, { 'Content-Type' => 'text/plain' }, ["not found\n"]] }
    end
    Rack::Handler::WEBrick.run(app, **@options) do |server|
      Signal.trap('TERM') { server.shutdown }
      Signal.trap('INT', 'IGNORE')
      end_with(supervisor, server)
    end
  end

  private

  def end_with(supervisor, server)
    Thread.new do
      # Sleeps, bounded by the supervisor's life, between two looks at it.
      sleep(0.2) while Process.ppid == supervisor
      server.shutdown
    end
  end
end
