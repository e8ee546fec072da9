'use strict'
// A worker: takes tasks from a list on Redis and executes them, one after the other, until it is asked to end. Node ends it when
// the primary is gone.

const { setTimeout: pause } = require('node:timers/promises')
const { createClient } = require('redis')
const { TaskFailed, TaskRefused, Workload } = require('./workload')

async function work() {
  let askedToEnd = false
  process.on('SIGTERM', () => { askedToEnd = true })
  process.on('SIGINT', () => {})
  const workload = new Workload()
  const queue = createClient({
    url: process.env.BROKER_URL,
    // A connection that is lost is made anew, for as long as that takes; one that says nothing is lost.
    socket: { connectTimeout: 5000, socketTimeout: 5000, reconnectStrategy: () => 100 },
    disableOfflineQueue: true
  })
  queue.on('error', (error) => console.error(`no broker: ${error.message}`))
  await queue.connect()
  process.send('ready')
  while (!askedToEnd) {
    const task = await take(queue)
    if (task) await execute(workload, task)
  }
  process.exit(0)
}

// The next task, if one comes within half a second: a worker that is asked to end does.
async function take(queue) {
  try {
    return (await queue.brPop(process.env.QUEUE, 0.5))?.element
  } catch (error) {
    console.error(`no task: ${error.message}`)
    // Sleeps, bounded by the constant, between two attempts.
    await pause(100)
    return undefined
  }
}

async function execute(workload, task) {
  try {
    await workload.run(JSON.parse(task))
  } catch (error) {
    // One that failed or was refused is acknowledged. Of any other nothing is known: it has no acknowledgement.
    if (!(error instanceof TaskFailed || error instanceof TaskRefused)) console.error(error)
  }
}

module.exports = { work }
