using ScaleKit.Caching;

namespace ChatRooms;

/// <summary>
/// Tells the other nodes which message was stored, and shows here what others stored. The news goes through the bus that
/// <c>AddScaleKitRedis</c> brings: what a node has shown of a room is void beyond its last number. It carries no message, so a lost one loses
/// nothing: the next one, or the next look at the store, finds all that is missing. In a single process there is no bus and nothing to tell.
/// </summary>
internal sealed class RoomNews(RoomHubs hubs, TimeProvider time, ILogger<RoomNews> logger, IInvalidationBus? bus = null) : BackgroundService, IInvalidationSubscriber
{
    private const string Channel = "rooms";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    public void OnInvalidation(InvalidationRecord record)
    {
        foreach (var key in record.Invalidation.Keys)
        {
            if (MessageKey.TryParse(key, out var room, out var number) && hubs.Find(room) is { } hub)
                _ = CatchUpAsync(hub, number);
        }
    }

    public void OnMissed()
    {
        foreach (var hub in hubs.All)
            _ = CatchUpAsync(hub, number: null);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (bus is null)
            return;
        hubs.Said += Tell;
        using var subscription = bus.Subscribe(Channel, this);
        using var timer = new PeriodicTimer(BetweenLooks, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var hub in hubs.All)
                    await CatchUpAsync(hub, number: null);
            }
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
    }

    // Nobody waits for it: whoever posted has the store's word.
    private void Tell(string id) => _ = TellAsync(id);

    private async Task TellAsync(string id)
    {
        try
        {
            await bus!.AppendAsync(new Invalidation(Channel, [id]), CancellationToken.None);
        }
        catch (Exception failure)
        {
            logger.LogWarning("The other nodes were not told of a message ({Reason}); they will look for themselves.", failure.GetType().Name);
        }
    }

    private async Task CatchUpAsync(RoomHub hub, long? number)
    {
        try
        {
            await hub.CatchUpAsync(number);
        }
        catch (Exception failure)
        {
            logger.LogError(failure, "What was said on another node could not be read; it is tried again.");
        }
    }
}
