#!/usr/bin/env node
import { outliveReaders, runCommandLine } from "./commandLine.ts";

outliveReaders([process.stdout, process.stderr]);
process.exitCode = await runCommandLine(process.argv.slice(2));
