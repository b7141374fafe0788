namespace ChatRooms;

/// <summary>What a client says: join (session, room), post (ref, text), leave.</summary>
internal sealed record ClientFrame(string? Type, string? Session = null, string? Room = null, string? Ref = null, string? Text = null);
