"""Telling people who are not in front of a page: e-mail, webhooks, 企业微信, 钉钉, SMS gateways."""
