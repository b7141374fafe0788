namespace ChatRooms;

internal static class SameOrigin
{
    /// <summary>Whether the caller is a page of this server, or no page at all (a program sends no Origin).</summary>
    public static bool Holds(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || (Uri.TryCreate(origin, UriKind.Absolute, out var url) && string.Equals(url.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
