namespace ChatRooms;

/// <summary>The names of the rate limit policies; their limits stand in appsettings.json.</summary>
internal static class Policies
{
    public const string Post = "message/post";
    public const string Join = "room/join";
    public const string History = "history/read";
    public const string Session = "session/create";
    public const string Operator = "operator";

    public static readonly IReadOnlyList<string> All = [Post, Join, History, Session, Operator];
}
