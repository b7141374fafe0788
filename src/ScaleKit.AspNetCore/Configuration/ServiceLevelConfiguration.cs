using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ScaleKit.AspNetCore;

/// <summary>The settings from the configuration, before those that code makes, and at last the kill switch once more, over what code has set.</summary>
internal sealed class ServiceLevelConfiguration(IServiceProvider services)
    : IConfigureOptions<ServiceLevelOptions>, IPostConfigureOptions<ServiceLevelOptions>, IOptionsChangeTokenSource<ServiceLevelOptions>
{
    private readonly IConfigurationSection? _section =
        ((IConfiguration?)services.GetService(typeof(IConfiguration)))?.GetSection(ServiceLevelOptions.SectionName);

    public string Name => Options.DefaultName;

    public void Configure(ServiceLevelOptions options)
    {
        if (_section is { } section)
        {
            section.Bind(options);
        }
    }

    public void PostConfigure(string? name, ServiceLevelOptions options)
    {
        if (bool.TryParse(_section?[nameof(ServiceLevelOptions.Enabled)], out var enabled))
        {
            options.Enabled = enabled;
        }
    }

    public IChangeToken GetChangeToken() => _section?.GetReloadToken() ?? new CancellationChangeToken(CancellationToken.None);
}
