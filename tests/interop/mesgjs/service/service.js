// A Service of 2018: doubles amounts, refuses negative ones, tells of each conversion.
const mesg = require('mesg-js').service()

const tell = (fact) => console.log(JSON.stringify(fact))

mesg
  .listenTask({
    convert: async ({ amount }, { success, error }) => {
      if (amount < 0) return error({ message: 'the amount is negative' })
      await mesg.emitEvent('converted', { from: amount, to: 2 * amount })
      return success({ amount: 2 * amount })
    },
  })
  .on('metadata', (metadata) => tell({ status: metadata.get('status') }))
  .on('error', (error) => tell({ error: error.details }))
  .on('end', () => tell({ end: true }))
