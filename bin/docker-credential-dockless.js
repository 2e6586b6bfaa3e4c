#!/usr/bin/env node
import { start } from "./start.js";

start("docker-credential-dockless", () => import("./docker-credential-dockless.ts"));
