# Databricks notebook source
print('names are awkward')
