#!/bin/bash
set -e
pip install --quiet meridian-agent==2.4.1
