using System.Diagnostics;
using ScaleKit.Admission;

namespace ChatRooms;

/// <summary>Leads a person through the line to a seat.</summary>
internal sealed class FrontDesk(AdmissionQueue queue, RoomHubs hubs, SeatLedger ledger, WaitingList waiting, ChatMetrics metrics)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>Waits for a seat, telling the position as it moves; null when refused, which the person was told.</summary>
    public async Task<Seat?> SeatAsync(Session session, string room, Outbox outbox, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await using var ticket = queue.Enter(new AdmissionRequest(room, session.UserId) { Deadline = LongestWait, Data = session.Nickname }, cancellationToken);
        if (!ticket.Completion.IsCompleted)
            await ShowPositionAsync(ticket, session, room, outbox, cancellationToken);

        // Cancellation is an answer too: the seat that came at the same moment is then still ours to give back.
        var result = await ticket.Completion;
        if (!result.IsAdmitted)
        {
            var retry = (long?)result.RetryAfter?.TotalMilliseconds;
            outbox.Send(new RefusedFrame(room, result.Refusal.ToString(), Explain(result.Refusal), retry), ChatJson.Default.RefusedFrame);
            return null;
        }
        metrics.Joined(started);
        return await Seat.TakeAsync(room, hubs.Of(room), ledger, result.Lease, outbox);
    }

    private async Task ShowPositionAsync(AdmissionTicket ticket, Session session, string room, Outbox outbox, CancellationToken cancellationToken)
    {
        var person = waiting.Add(session.Nickname, room);
        try
        {
            await foreach (var progress in ticket.WatchAsync(cancellationToken))
            {
                if (!progress.IsWaiting)
                    continue;
                person.Position = progress.Position;
                var estimate = (long?)progress.EstimatedWait?.TotalMilliseconds;
                outbox.Send(new WaitingFrame(room, progress.Position, progress.RoomsAhead, estimate, progress.BindingCap.ToString()), ChatJson.Default.WaitingFrame);
            }
        }
        catch (OperationCanceledException)
        {
            // The person left the line, or the connection is gone.
        }
        finally
        {
            waiting.Remove(person);
        }
    }

    private static string Explain(AdmissionRefusal refusal) => refusal switch
    {
        AdmissionRefusal.DeadlineExceeded => "No seat came free in time.",
        AdmissionRefusal.Cancelled => "You left the line.",
        AdmissionRefusal.Draining => "The server is closing.",
        _ => "The line is full. Try another room.",
    };
}
