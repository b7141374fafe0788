using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ScaleKit.Admission;

/// <summary>
/// The options from <see cref="AdmissionOptions.SectionName"/>, when there is a configuration. Code that runs later wins, except over the kill switch,
/// which follows the configuration wherever that names it.
/// </summary>
internal sealed class AdmissionConfiguration(IServiceProvider services)
    : IConfigureOptions<AdmissionOptions>, IPostConfigureOptions<AdmissionOptions>, IOptionsChangeTokenSource<AdmissionOptions>
{
    private readonly IConfiguration? _section = services.GetService<IConfiguration>()?.GetSection(AdmissionOptions.SectionName);
    private readonly ILogger _logger = services.GetService<ILogger<AdmissionQueue>>() ?? NullLogger<AdmissionQueue>.Instance;
    private volatile AdmissionOptions? _lastGood;

    public string Name => Options.DefaultName;

    public void Configure(AdmissionOptions options)
    {
        if (_section is null)
        {
            return;
        }

        var bound = new AdmissionOptions();
        try
        {
            _section.Bind(bound);
            _lastGood = bound;
        }
        catch (InvalidOperationException exception) when (_lastGood is not null)
        {
            // At the start a value that cannot be read is an error. Later it would end the thread that watches the file, and the process with it.
            Log.ReloadRefused(_logger, exception);
            bound = _lastGood;
        }

        bound.CopyTo(options);
    }

    public void PostConfigure(string? name, AdmissionOptions options)
    {
        if (string.IsNullOrEmpty(name) && bool.TryParse(_section?[nameof(AdmissionOptions.Enabled)], out var enabled))
        {
            options.Enabled = enabled;
        }
    }

    public IChangeToken GetChangeToken() => _section?.GetReloadToken() ?? NeverChanges.Token;

    private static class NeverChanges
    {
        public static readonly IChangeToken Token = new CancellationChangeToken(CancellationToken.None);
    }
}
