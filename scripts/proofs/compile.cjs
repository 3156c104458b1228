// Compiles one contract of a directory unoptimised: a line {"root", "contract"} in, a line of code out.
// One process for all mutants: the compiler is loaded once.
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');

const modules = process.argv[2];
const solc = require(path.join(modules, 'solc'));
const settings = {
  evmVersion: 'cancun',
  optimizer: {enabled: false}, // half the time: what is judged is the source
  metadata: {bytecodeHash: 'none'},
};

function find(root) {
  return (name) => {
    const place = name.startsWith('@') ? path.join(modules, name) : path.join(root, name);
    return fs.existsSync(place) ? {contents: fs.readFileSync(place, 'utf8')} : {error: `not found: ${name}`};
  };
}

function compile({root, contract}) {
  const file = `src/${contract}.sol`;
  const outputSelection = {[file]: {[contract]: ['evm.bytecode.object']}};
  const input = {language: 'Solidity', sources: {[file]: find(root)(file)}, settings: {...settings, outputSelection}};
  input.sources[file] = {content: input.sources[file].contents};
  const output = JSON.parse(solc.compile(JSON.stringify(input), {import: find(root)}));
  const compiled = output.contracts?.[file]?.[contract];
  return compiled?.evm.bytecode.object ? compiled.evm.bytecode.object : '';
}

readline.createInterface({input: process.stdin}).on('line', (line) => {
  process.stdout.write(compile(JSON.parse(line)) + '\n');
});
