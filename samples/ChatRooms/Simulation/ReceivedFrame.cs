namespace ChatRooms;

/// <summary>Any frame of the server, as a client reads it.</summary>
internal sealed record ReceivedFrame(
    string Type, string? Room = null, int? Position = null, string? Reason = null, string? Ref = null, string? Id = null, long? Number = null,
    string? Nickname = null, string? Text = null, string? Policy = null, string? Code = null, long? RetryAfterMilliseconds = null);
