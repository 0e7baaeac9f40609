# Databricks notebook source
from azure.identity import DefaultAzureCredential
from azure.storage.filedatalake import DataLakeServiceClient
client = DataLakeServiceClient("https://meridianlake.dfs.core.windows.net", DefaultAzureCredential())
