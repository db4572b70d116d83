-- Take back the mark that a lease made.     KEYS  account hash     ARGV  number
if redis.call('HGET', KEYS[1], 'refreshing') == ARGV[1] then redis.call('HDEL', KEYS[1], 'refreshing') end
