-- A stranger is deferred at each recipient; the connection goes on.
conn = mt.connect(place)
if conn == nil then error("cannot connect to " .. place) end
if mt.negotiate(conn, nil, nil, nil) ~= nil then error("negotiation") end
mt.macro(conn, SMFIC_CONNECT, "{client_name}", "mx1.example.org", "{client_resolve}", "OK")
if mt.conninfo(conn, "mx1.example.org", "192.0.2.10") ~= nil then error("connect") end
if mt.helo(conn, "mx1.example.org") ~= nil then error("helo") end
mt.macro(conn, SMFIC_MAIL, "i", "4XyZ")
if mt.mailfrom(conn, "<alice@example.org>") ~= nil then error("mail") end
for _, recipient in ipairs({"<bob@example.net>", "<eve@example.net>"}) do
    if mt.rcptto(conn, recipient) ~= nil then error("rcpt") end
    if mt.getreply(conn) ~= SMFIR_REPLYCODE then error("not refused: " .. mt.getreply(conn)) end
end
mt.abort(conn)
mt.disconnect(conn)
