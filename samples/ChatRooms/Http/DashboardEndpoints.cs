using System.Net.ServerSentEvents;

namespace ChatRooms;

/// <summary>GET /api/dashboard: server-sent events, one snapshot a second.</summary>
internal static class DashboardEndpoints
{
    public static void MapDashboard(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/dashboard", IResult (DashboardFeed feed, CancellationToken cancellationToken) => feed.IsFull
            ? Problems.Of(503, "Too many viewers", "Try again later.")
            : TypedResults.ServerSentEvents(Events(feed, cancellationToken)))
            // It lasts as long as somebody looks: no measure of how quickly requests are answered.
            .DisableHttpMetrics();

    private static async IAsyncEnumerable<SseItem<string>> Events(
        DashboardFeed feed, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var snapshot in feed.ReadAsync(cancellationToken))
            yield return new SseItem<string>(snapshot, "snapshot");
    }
}
