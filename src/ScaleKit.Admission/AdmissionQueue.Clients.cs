namespace ScaleKit.Admission;

/// <content>The same client twice in one room. Looked at only where <see cref="AdmissionOptions.SameClient"/> asks for it.</content>
public sealed partial class AdmissionQueue
{
    private bool TracksClients => _options.SameClient != AdmissionSameClient.Allow;

    /// <summary>Who already is where the request wants to be: a seat or a waiter; null where nobody is or where it does not matter.</summary>
    private TimedEntry? Present_NeedsLock(in AdmissionRequest request, Room? room) =>
        TracksClients && _isEnabled && request.ClientId is { } client && room?.Clients is { } clients && clients.TryGetValue(client, out var present)
            ? present
            : null;

    /// <summary>Whether the request was answered by taking over the seat of the same client.</summary>
    private bool TryReplaceSeat_NeedsLock(in AdmissionRequest request, Seat held, out AdmissionResult result)
    {
        result = default;

        // Where this fails its holder gives it back at this moment, and only awaits the lock.
        if (!held.TryEnd(held.HeldGeneration))
        {
            return false;
        }

        var told = Ended_NeedsLock(held, held.HeldGeneration);
        _wheel.Remove(held);
        result = AdmissionResult.Admitted(Lease_NeedsLock(new Seat(held.Room), request.ClientId, request.Data), AdmissionCap.None);
        _metrics.CountLost(AdmissionDiagnostics.ReplacedLoss);

        // Runs what listens on another thread, so not under the lock.
        _ = told?.CancelAsync();
        return true;
    }

    /// <summary>Takes the older waiter out; the place that it had, or null where it is leaving at this moment.</summary>
    private long? TryReplaceWaiter_NeedsLock(Waiter older)
    {
        var cap = older.WaitsFor;
        if (!older.TrySettle(WaiterState.Replaced))
        {
            return null;
        }

        var place = PlaceOf_NeedsLock(older);
        TakeOut_NeedsLock(older);
        _dismissed.Add(older, AdmissionResult.Refused(AdmissionRefusal.Replaced, cap, place));
        return older.Number;
    }

    private void Remember_NeedsLock(Room room, string? client, TimedEntry present)
    {
        if (client is not null && TracksClients)
        {
            (room.Clients ??= new Dictionary<string, TimedEntry>(StringComparer.Ordinal))[client] = present;
        }
    }

    private static void Forget_NeedsLock(Room room, string? client, TimedEntry present)
    {
        if (client is not null && room.Clients is { } clients && clients.TryGetValue(client, out var found) && ReferenceEquals(found, present))
        {
            _ = clients.Remove(client);
        }
    }
}
