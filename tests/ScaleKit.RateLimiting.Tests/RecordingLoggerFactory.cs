using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ScaleKit.RateLimiting.Tests;

/// <summary>Keeps every log line that would be written.</summary>
internal sealed class RecordingLoggerFactory : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(int EventId, LogLevel Level, string Text)> _entries = new();

    public IReadOnlyCollection<(int EventId, LogLevel Level, string Text)> Entries => _entries;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((eventId.Id, logLevel, formatter(state, exception) + exception?.Message));

    public void Dispose()
    {
    }
}
