print('reconcile')
