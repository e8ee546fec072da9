'use strict'
// prom-client in cluster mode, as its README has it: a primary that forks workers, replaces those that die, and serves what it
// is told by all of them. The workers' side of counterfoil's adapter protocol is workload.js.
//
//     fleet.js WORKERS HOST PORT

const cluster = require('node:cluster')
const http = require('node:http')
const { AggregatorRegistry } = require('prom-client')
const { work } = require('./worker')

// In the workers it answers the primary, in the primary it asks them.
const registry = new AggregatorRegistry()

async function answer(request, response) {
  if (request.url.split('?')[0] !== '/metrics') {
    response.writeHead(404).end('not found\n')
    return
  }
  try {
    const body = await registry.clusterMetrics()
    response.writeHead(200, { 'Content-Type': registry.contentType }).end(body)
  } catch (error) {
    response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`${error.message}\n`)
  }
}

function lead([workers, host, port]) {
  const server = http.createServer(answer)
  let ending = false
  const ask = (worker) => worker.process.kill('SIGTERM')
  const finish = () => {
    ending = true
    Object.values(cluster.workers).forEach(ask)
  }
  process.on('SIGTERM', finish)
  process.on('SIGINT', finish)
  cluster.on('exit', () => {
    if (!ending) cluster.fork()
    else if (Object.keys(cluster.workers).length === 0) process.exit(0)
  })
  // Whoever has not loaded the client yet hears no question, and the scrape waits for an answer in vain.
  let ready = 0
  cluster.on('message', (worker, message) => {
    if (message === 'ready' && ++ready === Number(workers)) server.listen(Number(port), host)
  })
  for (let started = 0; started < Number(workers); started++) cluster.fork()
}

if (cluster.isPrimary) lead(process.argv.slice(2))
else work()
