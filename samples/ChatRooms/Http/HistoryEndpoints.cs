using System.Diagnostics;
using System.Globalization;

namespace ChatRooms;

/// <summary>GET /api/rooms and GET /api/rooms/{room}/messages?before=CURSOR&amp;limit=50, newest first.</summary>
internal static class HistoryEndpoints
{
    private const int MostPerPage = 100;

    public static void MapHistory(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/rooms", (RoomCatalog catalog) => Results.Json(catalog.Names, ChatJson.Default.IReadOnlyListString));
        routes.MapGet("/api/rooms/{room}/messages", PageAsync).RequireRateLimit(Policies.History);
    }

    private static async Task<IResult> PageAsync(
        HttpContext context, string room, string? before, string? limit, RoomCatalog catalog, MessageLog log, ChatMetrics metrics,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        if (SessionIdentity.SessionOf(context) is null)
            return Problems.NoSession();
        if (catalog.Find(room) is not { } known)
            return Problems.UnknownRoom();
        var cursor = MessageKey.End;
        if (before is not null && !MessageKey.TryCursor(before, out cursor))
            return Problems.Of(400, "This is no cursor", $"'before' is the 'next' of the page before: 1 to {MessageKey.Digits} digits.");
        var count = 50;
        if (limit is not null && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > MostPerPage))
            return Problems.Of(400, "This is no page size", $"'limit' is a whole number from 1 to {MostPerPage}.");

        var page = await log.PageAsync(known, cursor, count, cancellationToken);
        metrics.HistoryRead(started);
        return Results.Json(page, ChatJson.Default.HistoryPage);
    }
}
