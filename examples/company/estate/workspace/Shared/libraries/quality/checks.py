def not_null(frame, column):
    return frame.where(f'{column} is null').count() == 0
