using System.Collections.Concurrent;

namespace ScaleKit.Caching;

/// <summary>The fills under way, one per <see cref="FlightKey"/>.</summary>
internal sealed class FlightTable(CacheVersions versions)
{
    private readonly ConcurrentDictionary<FlightKey, Flight> _flights = new();

    public int Count => _flights.Count;

    /// <summary>
    /// Joins the fill under way or registers a new one, which the caller must run. A fill that began before an invalidation of its key or tags is not joined:
    /// its value may be older than what the caller already knows to be removed.
    /// </summary>
    /// <returns>Whether the flight is new and the caller leads it.</returns>
    public bool JoinOrLead<T>(FlightKey key, string[] tags, out Flight<T> flight)
    {
        while (true)
        {
            // The token first: what is invalidated from here on is invalid for this flight.
            var token = versions.Current;
            if (!_flights.TryGetValue(key, out var present))
            {
                flight = new Flight<T>(tags, token);
                if (_flights.TryAdd(key, flight))
                    return true;
            }
            else if (IsCurrent(key.Key, present) && present.TryJoin())
            {
                flight = (Flight<T>)present;
                return false;
            }
            else
            {
                flight = new Flight<T>(tags, token);
                if (_flights.TryUpdate(key, flight, present))
                    return true;
            }
        }
    }

    public void Remove(FlightKey key, Flight flight) => _flights.TryRemove(new KeyValuePair<FlightKey, Flight>(key, flight));

    private bool IsCurrent(string key, Flight flight) =>
        flight.Token.Generation == versions.Current.Generation && versions.IsValid(key, flight.Tags, flight.Token.Position.Sequence);
}
