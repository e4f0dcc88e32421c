-- Whitelisted clients, clients that have logged in, and those that do not come by the network end the talk.
local function accepted(name, address, login)
    local conn = mt.connect(place)
    if mt.negotiate(conn, nil, nil, nil) ~= nil then error("negotiation") end
    if mt.conninfo(conn, name, address) ~= nil then error("connect") end
    mt.helo(conn, "client.example")
    if login then mt.macro(conn, SMFIC_MAIL, "{auth_authen}", "alice", "{auth_type}", "PLAIN") end
    mt.mailfrom(conn, "<alice@example.org>")
    if mt.rcptto(conn, "<bob@example.net>") ~= nil then error("rcpt") end
    if mt.getreply(conn) ~= SMFIR_ACCEPT then error(address .. ": " .. mt.getreply(conn)) end
    mt.disconnect(conn)
end

accepted("white.example.net", "203.0.113.7", false)
accepted("pc.example.net", "198.51.100.1", true)
accepted("localhost", "unspec", false)
