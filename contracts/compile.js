// Compiles the contracts and writes one artifact each: node compile.js OUTPUT_DIRECTORY
'use strict';
const fs = require('fs');
const path = require('path');
const solc = require('solc');

const CONTRACTS = ['MesgToken', 'ServiceRegistry', 'MesgPay'];

const settings = {
  evmVersion: 'cancun',
  optimizer: {enabled: true, runs: 10000},
  viaIR: true,
  // The code must depend on the code alone: comments may change without moving addresses.
  metadata: {bytecodeHash: 'none'},
  outputSelection: {'*': {'*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object',
    'evm.deployedBytecode.immutableReferences']}},
};

function find(name) {
  for (const candidate of [path.join(__dirname, name), path.join(__dirname, 'node_modules', name)]) {
    if (fs.existsSync(candidate)) return {contents: fs.readFileSync(candidate, 'utf8')};
  }
  return {error: `not found: ${name}`};
}

function compile() {
  const sources = Object.fromEntries(CONTRACTS.map(
    (name) => [`src/${name}.sol`, {content: find(`src/${name}.sol`).contents}]));
  const input = {language: 'Solidity', sources, settings};
  const output = JSON.parse(solc.compile(JSON.stringify(input), {import: find}));
  // A warning in our own code is an error; dependencies are pinned and audited by others.
  const problems = (output.errors || []).filter(
    (problem) => problem.severity === 'error' || !problem.sourceLocation?.file.startsWith('@'));
  for (const problem of problems) console.error(problem.formattedMessage);
  if (problems.length) process.exit(1);
  return output.contracts;
}

// What changes with the place of the code in the AST does not belong into an artifact: only offsets do.
function immutables(references) {
  return Object.values(references).flat().sort((a, b) => a.start - b.start);
}

function artifact(name, compiled) {
  return {
    contractName: name,
    compiler: {version: solc.version(), evmVersion: settings.evmVersion, optimizer: settings.optimizer},
    abi: compiled.abi,
    bytecode: '0x' + compiled.evm.bytecode.object,
    deployedBytecode: '0x' + compiled.evm.deployedBytecode.object,
    immutableReferences: immutables(compiled.evm.deployedBytecode.immutableReferences),
  };
}

const output = process.argv[2];
fs.mkdirSync(output, {recursive: true});
const compiled = compile();
for (const name of CONTRACTS) {
  const text = JSON.stringify(artifact(name, compiled[`src/${name}.sol`][name]), null, 1) + '\n';
  fs.writeFileSync(path.join(output, `${name}.json`), text);
}
