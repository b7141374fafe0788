using System.Net.WebSockets;
using ScaleKit.Admission;

namespace WaitingRoom;

/// <summary>A visitor's connection: first in the line, seeing its place, then in the seat until it goes.</summary>
internal static class RoomSocket
{
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);

    public static async Task HandleAsync(HttpContext context, string room, AdmissionQueue queue)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var reading = UntilGoneAsync(socket, gone);

        // A cancelled sending breaks the connection: only a connection that is broken already may cancel one.
        var broken = context.RequestAborted;
        try
        {
            await using var ticket = queue.Enter(new AdmissionRequest(room, context.Request.Query["name"]), gone.Token);
            await TellPlaceAsync(ticket, socket, gone.Token, broken);

            // Leaving is an answer too: a seat that came at the same moment is then still ours to give back.
            var result = await ticket.Completion;
            if (result.IsAdmitted)
                await SitAsync(result.Lease, socket, gone.Token, broken);
            else
                await new Frame(Frame.Refused, Cap: result.Refusal.ToString()).SendAsync(socket, broken);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, broken);

            // The visitor's own close: a reading that is cancelled breaks the connection, and with it what was just said.
            await reading.WaitAsync(ClosePatience, TimeProvider.System, broken);
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException or TimeoutException)
        {
            // The visitor has gone.
        }
        finally
        {
            await gone.CancelAsync();
            await reading;
        }
    }

    private static async Task TellPlaceAsync(AdmissionTicket ticket, WebSocket socket, CancellationToken gone, CancellationToken broken)
    {
        try
        {
            await foreach (var progress in ticket.WatchAsync(gone))
            {
                if (progress.Position is { } place)
                    await new Frame(Frame.Waiting, place, (int?)progress.EstimatedWait?.TotalSeconds, progress.BindingCap.ToString()).SendAsync(socket, broken);
            }
        }
        catch (OperationCanceledException)
        {
            // The ticket says it as well.
        }
    }

    private static async Task SitAsync(AdmissionLease lease, WebSocket socket, CancellationToken gone, CancellationToken broken)
    {
        await using var seat = lease;
        await new Frame(Frame.Seated).SendAsync(socket, broken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(gone, lease.LeaseLost);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task UntilGoneAsync(WebSocket socket, CancellationTokenSource gone)
    {
        try
        {
            await Frame.ReceiveAsync(socket, gone.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException)
        {
            // Closed or broken: gone in either case.
        }

        await gone.CancelAsync();
    }
}
