'use strict'
// What a worker program in Node does by counterfoil's adapter protocol, version 1 (../PROTOCOL.md): it constructs the program's
// metrics with prom-client, executes the ops of tasks, and acknowledges them.

const fs = require('node:fs')
const { setTimeout: pause } = require('node:timers/promises')
const client = require('prom-client')

// A `fail` op was reached.
class TaskFailed extends Error {}

// The task holds an op that this worker does not know or cannot read; nothing of it was executed.
class TaskRefused extends Error {}

// Op: the types of metric it is for, and the client's method.
const ON_METRIC = {
  inc: { types: ['counter'], method: 'inc' },
  add: { types: ['gauge'], method: 'inc' },
  set: { types: ['gauge'], method: 'set' },
  observe: { types: ['histogram', 'summary'], method: 'observe' }
}
const NOT_IN_JSON = { NaN, '+Inf': Infinity, '-Inf': -Infinity }

// The program document's metrics, in one worker process.
class Workload {
  constructor() {
    const program = JSON.parse(fs.readFileSync(process.env.COUNTERFOIL_PROGRAM, 'utf8'))
    if (program.protocol !== 1) throw new Error(`program of protocol ${program.protocol}, this worker speaks 1`)
    this.declared = new Map(program.metrics.map((declared) => [declared.name, declared]))
    this.metrics = new Map(program.metrics.map((declared) => [declared.name, construct(declared)]))
    this.acks = fs.openSync(process.env.COUNTERFOIL_ACKS, 'a')
  }

  // Executes a task document and acknowledges it; throws what it came to, unless that is `ok`.
  async run(task) {
    try {
      for (const step of this.stepsOf(task)) await step()
    } catch (error) {
      if (error instanceof TaskFailed) this.acknowledge(task, 'failed')
      throw error
    }
    this.acknowledge(task, 'ok')
  }

  // What executes the task's ops. Touches no metric yet: a refused task leaves no series.
  stepsOf(task) {
    try {
      return task.ops.map((op) => this.step(op))
    } catch (error) {
      if (error instanceof TaskRefused) this.acknowledge(task, 'refused', { reason: error.message })
      throw error
    }
  }

  step(op) {
    if (typeof op !== 'object' || op === null) throw new TaskRefused(`no op: ${JSON.stringify(op)}`)
    const has = (...keys) => Object.keys(op).sort().join() === ['op', ...keys].sort().join()
    if (op.op === 'sleep' && has('ms') && typeof op.ms === 'number' && op.ms >= 0) {
      // Sleeps, bounded by the task: the wait is the op.
      return () => pause(op.ms)
    }
    if (op.op === 'fail' && has()) {
      return () => { throw new TaskFailed('a fail op was reached') }
    }
    if (op.op === 'exit' && has('code') && Number.isInteger(op.code) && op.code >= 0 && op.code <= 255) {
      return () => process.exit(op.code)
    }
    if (Object.hasOwn(ON_METRIC, op.op) && has('metric', 'labels', 'value')) return this.change(op)
    throw new TaskRefused(`unknown or malformed op: ${JSON.stringify(op)}`)
  }

  change(op) {
    const refuse = (why) => { throw new TaskRefused(`${why}: ${JSON.stringify(op)}`) }
    const { types, method } = ON_METRIC[op.op]
    const declared = this.declared.get(op.metric)
    if (!declared || !types.includes(declared.type)) refuse(`no ${types.join(' or ')} of that name`)
    const { labels } = op
    const isTable = typeof labels === 'object' && labels !== null && !Array.isArray(labels)
    const fits = isTable && Object.keys(labels).sort().join() === [...declared.labels].sort().join()
    if (!fits || !Object.values(labels).every((value) => typeof value === 'string')) {
      refuse(`the labels should be ${declared.labels}, each a string`)
    }
    const amount = typeof op.value === 'number' ? op.value : NOT_IN_JSON[op.value]
    if (typeof amount !== 'number') refuse('not a number')
    if (op.op === 'inc' && !(amount >= 0)) refuse('a counter cannot go down')
    const metric = this.metrics.get(op.metric)
    return () => metric[method](labels, amount)
  }

  // One line, one write: lines of several processes do not mix.
  acknowledge(task, outcome, more = {}) {
    const line = Buffer.from(`${JSON.stringify({ task: task.id, pid: process.pid, outcome, ...more })}\n`)
    if (fs.writeSync(this.acks, line) !== line.length) {
      throw new Error(`the acknowledgement of ${task.id} was cut short`)
    }
  }
}

// The client's metric of a declaration. The name of a counter is that of its samples; help may not be empty.
function construct({ name, type, help, labels, buckets }) {
  const common = { help: help || 'Without help.', labelNames: labels }
  switch (type) {
    case 'counter': return new client.Counter({ name: `${name}_total`, ...common })
    case 'gauge': return new client.Gauge({ name, ...common })
    case 'histogram': return new client.Histogram({ name, buckets, ...common })
    // Quantiles of several processes cannot be added up.
    case 'summary': return new client.Summary({ name, percentiles: [], ...common })
    default: throw new Error(`metric ${name} is of the unknown type ${type}`)
  }
}

module.exports = { TaskFailed, TaskRefused, Workload }
