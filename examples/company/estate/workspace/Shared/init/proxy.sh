#!/bin/bash
echo 'export HTTPS_PROXY=http://proxy.meridianfoods.example:3128' >> /etc/environment
