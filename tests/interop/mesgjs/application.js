// An Application of 2018, told what to do by JSON lines on its standard input.
const readline = require('readline')
const app = require('mesg-js').application({ endpoint: process.env.MESG_ENDPOINT })

const tell = (fact) => console.log(JSON.stringify(fact))
const fail = (error) => tell({ error: error.details || error.message, code: error.code })

const listen = (stream, name) =>
  stream
    .on('metadata', (metadata) => tell({ status: metadata.get('status') }))
    .on('data', (data) => tell({ [name]: data }))
    .on('error', fail)

const commands = {
  call: (request) =>
    app.executeTaskAndWaitResult(request).then((result) => tell({ result }), fail),
  execute: (request) => app.executeTask(request).then((execution) => tell({ execution }), fail),
  listenEvent: (request) => listen(app.listenEvent(request), 'event'),
  listenResult: (request) => listen(app.listenResult(request), 'result'),
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { command, ...request } = JSON.parse(line)
  commands[command](request)
})
