# Databricks notebook source
BUSINESS_TIMEZONE = 'Europe/Stockholm'
