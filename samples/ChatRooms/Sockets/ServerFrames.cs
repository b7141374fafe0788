namespace ChatRooms;

internal sealed record WaitingFrame(string Room, int Position, int RoomsAhead, long? EstimatedMilliseconds, string Cap)
{
    public string Type => "waiting";
}

internal sealed record AdmittedFrame(string Room)
{
    public string Type => "admitted";
}

internal sealed record RefusedFrame(string Room, string Reason, string Text, long? RetryAfterMilliseconds)
{
    public string Type => "refused";
}

internal sealed record LeftFrame
{
    public string Type => "left";
}

internal sealed record PresenceFrame(string Room, int Seats)
{
    public string Type => "presence";
}

internal sealed record MessageFrame(string Id, long Number, string Nickname, string Text, long At)
{
    public string Type => "message";
}

internal sealed record AckFrame(string Ref, string Id, long Number)
{
    public string Type => "ack";
}

internal sealed record LimitedFrame(string Policy, string? Ref, long RetryAfterMilliseconds)
{
    public string Type => "limited";
}

internal sealed record ErrorFrame(string Code, string Text, string? Ref = null)
{
    public string Type => "error";
}
