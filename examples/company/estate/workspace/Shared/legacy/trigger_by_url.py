# Databricks notebook source
import requests
token = dbutils.secrets.get("platform", "automation-token")
requests.post("https://adb-4410000000000001.1.azuredatabricks.net/api/2.1/jobs/run-now",
              headers={"Authorization": f"Bearer {token}"}, json={"job_id": 710000000000007})
