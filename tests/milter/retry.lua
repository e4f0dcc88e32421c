-- The retry passes, and the message gets one header at its end. A second message on the same connection too. What we
-- have not asked for (headers, body) miltertest refuses to send.
conn = mt.connect(place)
if mt.negotiate(conn, nil, nil, nil) ~= nil then error("negotiation") end
mt.macro(conn, SMFIC_CONNECT, "{client_name}", "mx1.example.org", "{client_resolve}", "OK")
mt.conninfo(conn, "mx1.example.org", "192.0.2.10")
mt.helo(conn, "mx1.example.org")
for number = 1, 2 do
    mt.macro(conn, SMFIC_MAIL, "i", "4XyZ" .. number)
    mt.mailfrom(conn, "<alice@example.org>", "SIZE=100")
    for _, recipient in ipairs({"<bob@example.net>", "<eve@example.net>"}) do
        if mt.rcptto(conn, recipient) ~= nil then error("rcpt") end
        if mt.getreply(conn) ~= SMFIR_CONTINUE then error("refused: " .. mt.getreply(conn)) end
    end
    if mt.eom(conn) ~= nil then error("end of message") end
    if not mt.eom_check(conn, MT_HDRADD, "X-Greylist") then error("no header") end
    if mt.getheader(conn, "X-Greylist", 1) ~= nil then error("two headers") end
    if mt.getreply(conn) ~= SMFIR_CONTINUE then error("end: " .. mt.getreply(conn)) end
end
mt.disconnect(conn)
