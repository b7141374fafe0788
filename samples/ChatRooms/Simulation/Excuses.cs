namespace ChatRooms;

/// <summary>What the documentation allows for while something is done to the servers, and just before and after.</summary>
internal sealed class Excuses(IReadOnlyList<Disturbance> disturbances, TimeProvider time)
{
    /// <summary>
    /// docs/rate-limiting.md: around an outage a window may see more than the limit, up to twice. What was taken just before is in it, and what is forgotten is asked for again just after.
    /// </summary>
    public bool AllowBeyondLimit((long From, long Until) window, TimeSpan length)
    {
        var around = (long)(length.TotalSeconds * time.TimestampFrequency);
        return disturbances.Any(disturbance => disturbance.IsStoreAway && disturbance.Meets(window.From - around, window.Until + around));
    }

    /// <summary>
    /// RoomHub waits a second for a number that is on its way, then leaves it out. Only a disturbance makes a write take longer; one that was never acknowledged (null) may come at any time.
    /// </summary>
    public bool AllowUnseen(RunChecker.Acknowledged? message) =>
        disturbances.Count > 0 && (message is null || disturbances.Any(disturbance => disturbance.Meets(message.Sent, message.Answered)));
}
