namespace ChatRooms;

/// <summary>A stored message. <paramref name="Ref"/> is the sender's own number for it: the pair (UserId, Ref) occurs once.</summary>
internal sealed record ChatMessage(string UserId, string Nickname, string Ref, string Text, long SentAt);
