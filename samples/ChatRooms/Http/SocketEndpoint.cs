using System.Net;
using ScaleKit.RateLimiting;

namespace ChatRooms;

/// <summary>GET /ws: the chat socket.</summary>
internal static class SocketEndpoint
{
    public static void MapChatSocket(this IEndpointRouteBuilder routes) => routes.MapGet("/ws", AcceptAsync);

    private static async Task AcceptAsync(
        HttpContext context, FrontDesk desk, SessionService sessions, RoomCatalog catalog, PolicyRateLimiter limiter,
        ChatMetrics metrics, ConnectionRegistry connections, TimeProvider time, ILogger<ChatConnection> logger, IHostApplicationLifetime lifetime)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Problems.Of((int)HttpStatusCode.UpgradeRequired, "A WebSocket is expected here", "Connect with a WebSocket client.").ExecuteAsync(context);
            return;
        }
        // A page of another site may open a socket to this address; its Origin gives it away.
        if (!SameOrigin.Holds(context.Request))
        {
            await Problems.Of(403, "Another site's page", "The Origin header names another host.").ExecuteAsync(context);
            return;
        }
        if (!connections.TryEnter())
        {
            await Problems.Of(503, "Too many connections", "Try again later.").ExecuteAsync(context);
            return;
        }
        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping, context.RequestAborted);
            await new ChatConnection(socket, desk, sessions, catalog, limiter, metrics, time, logger).RunAsync(stop.Token);
        }
        finally
        {
            connections.Leave();
        }
    }
}
