-- As whom config/haproxy.cfg asks a node how it is: it may log in, and nothing else. Made once, at any node.
CREATE USER IF NOT EXISTS haproxy@'%' WITH MAX_USER_CONNECTIONS 20;
