-- A mail server of protocol 2 is answered at each command.
conn = mt.connect(place)
if mt.negotiate(conn, 2, SMFI_V2_ACTS, SMFI_V2_PROT) ~= nil then error("negotiation") end
local function goes_on(what)
    if mt.getreply(conn) ~= SMFIR_CONTINUE then error(what .. ": " .. mt.getreply(conn)) end
end
if mt.conninfo(conn, "mx1.example.org", "192.0.2.10") ~= nil then error("connect") end
goes_on("connect")
if mt.helo(conn, "mx1.example.org") ~= nil then error("helo") end
goes_on("helo")
if mt.mailfrom(conn, "<carol@example.org>") ~= nil then error("mail") end
goes_on("mail")
if mt.rcptto(conn, "<bob@example.net>") ~= nil then error("rcpt") end
if mt.getreply(conn) ~= SMFIR_REPLYCODE then error("not refused: " .. mt.getreply(conn)) end
mt.disconnect(conn)
